# package.cmake: what is installed, and the Debian package of it: `cpack -G DEB --config BUILD/CPackConfig.cmake`.
#
# /etc/handover, units, the user and lintian's overrides go into the package alone (component `debian`): elsewhere an installation
# brings its own.
include(GNUInstallDirs)
set(deploy ${CMAKE_CURRENT_SOURCE_DIR}/deploy)

# Packed as Debian wants it: no name, no time.
function(pack source packed)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  execute_process(COMMAND gzip -9nc ${source} OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

install(TARGETS handover RUNTIME COMPONENT program)
file(GLOB pages CONFIGURE_DEPENDS docs/man/*.[1-8])
foreach(page ${pages})
  get_filename_component(name ${page} NAME)
  string(REGEX REPLACE ".*\\." "" section ${name})
  pack(${page} ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT program)
endforeach()
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE)
install(FILES config/sample.json config/sample.test.json DESTINATION ${CMAKE_INSTALL_DOCDIR}/config COMPONENT program)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
file(GLOB contracts CONFIGURE_DEPENDS config/*.schema.json)
install(FILES ${contracts} config/asyncapi.json config/sample.json config/sample.test.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/handover COMPONENT program)
install(FILES ${deploy}/completions/handover.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME handover
  COMPONENT program)
install(FILES ${deploy}/completions/handover.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
install(FILES ${deploy}/completions/_handover DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT elsewhere)
install(DIRECTORY ${deploy}/prometheus ${deploy}/grafana DESTINATION ${CMAKE_INSTALL_DATADIR}/handover COMPONENT program)
install(FILES CHANGES.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT elsewhere) # the package has its own of both

set(debian COMPONENT debian EXCLUDE_FROM_ALL)
set(CPACK_PACKAGE_CONTACT "handover <handover@localhost>" CACHE STRING "Whom the package names as its maintainer")
string(TIMESTAMP CHANGED "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${deploy}/debian/changelog.in ${CMAKE_CURRENT_BINARY_DIR}/changelog @ONLY)
pack(${CMAKE_CURRENT_BINARY_DIR}/changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz ${deploy}/debian/copyright DESTINATION share/doc/handover ${debian})
pack(${CMAKE_CURRENT_SOURCE_DIR}/CHANGES.md ${CMAKE_CURRENT_BINARY_DIR}/CHANGES.md.gz)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/CHANGES.md.gz DESTINATION share/doc/handover ${debian})
install(FILES ${deploy}/debian/handover.json DESTINATION /etc/handover ${debian})
install(DIRECTORY DESTINATION /etc/handover/definitions ${debian})
install(FILES ${deploy}/completions/_handover DESTINATION share/zsh/vendor-completions ${debian})
install(FILES ${deploy}/systemd/handover.service ${deploy}/systemd/handover-alert.service DESTINATION /lib/systemd/system ${debian})
install(FILES ${deploy}/debian/handover.sysusers DESTINATION lib/sysusers.d RENAME handover.conf ${debian})
install(FILES ${deploy}/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME handover ${debian})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME handover)
set(CPACK_PACKAGE_VENDOR handover)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "hands leads from marketing to sales by one signed definition")
set(CPACK_PACKAGE_DESCRIPTION
"The daemon reads engagement events from Apache Kafka, decides by a definition
that marketing and sales have both signed when a lead is handed over, and
publishes each change exactly once. Its commands check, test, explain,
backtest and audit such definitions and what was decided by them.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME handover)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd-sysusers | systemd, tzdata, librdkafka1 (>= 2.0.2)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/conffiles "/etc/handover/handover.json\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${deploy}/debian/postinst ${deploy}/debian/prerm ${deploy}/debian/postrm
  ${CMAKE_CURRENT_BINARY_DIR}/conffiles)
include(CPack)
